// Package transcript merges the journals of a ceremony's nodes into one record
// that an auditor verifies offline, with nothing but the SA-key hash card.
// TRANSCRIPT.md is its specification.
//
//	c, err := transcript.Collect(files, older, hash) // merge
//	f, err := transcript.Parse(b)                    // or read
//	r := transcript.Verify(f, hash)
package transcript
