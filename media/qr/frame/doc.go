// Package frame turns bytes into the texts of QR codes, and texts that were
// read from QR codes back into the bytes.
//
// Whoever shows something calls Split once and Set.Text for each code: any
// Set.Need different ones of the 256 rebuild the bytes, so a screen that goes
// through all of them, or a pile of sheets with some spare ones, does not wait
// for the one code that was missed.
//
//	set, err := frame.Split(data, frame.Base45, 600) // 600 characters: version 15, level M
//	text := set.Text(0, 0)
//
// Whoever reads calls Collector.Add with every text that a camera, a picture or
// a scanner gives, in any order and as often as it comes. Add never fails: it
// says in an Event what the text was, and hands out the bytes when the last
// code that was needed is there.
//
// The reader of codes holds whatever lies in front of the camera, so the texts
// are not trusted. What Add hands out has the SHA-256 that its codes name, no
// more: it is unverified until its signature was checked. Codes of other
// things, damaged ones and a few forged ones among the genuine ones do not
// stop a set; memory and work are bounded.
//
// FORMAT.md, one folder up, describes the texts for other readers.
package frame
