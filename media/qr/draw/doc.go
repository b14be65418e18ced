// Package draw makes QR codes that people carry: on a terminal, as a picture,
// on paper.
//
// A text becomes a Code with Encode, or better with Readable, which gives out
// only what two readers have read back. From there:
//
//	lines := code.Lines(draw.HalfBlocks, quiet) // a terminal; Fit says which version fits its window
//	png, err := code.PNG(8)                     // a file
//	page, err := (&draw.Sheet{…}).HTML()        // a sheet to print, file and scan
//	page, err := (&draw.HashCard{…}).HTML()     // two cards to print, cut and carry apart
//
// Texts are alphanumeric in the sense of ISO/IEC 18004 (0-9 A-Z space
// $ % * + - . / :), because that is what every camera and every scanner gives
// back unchanged. Which text goes into which code is package frame's matter;
// this package does not look into it.
//
// Everything that is drawn is black on white with nothing left to a theme or a
// print setting: a terminal's cells have both colours set, a page has no
// background, no script, no web font and nothing outside of itself.
//
// Names on a page come from outside. They are escaped: what is not printable
// (control and format characters such as U+202E) is shown as \u202e, and no
// text becomes markup.
package draw
