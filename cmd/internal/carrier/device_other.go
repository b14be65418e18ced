//go:build !unix

package carrier

// deviceOf knows no devices here.
func deviceOf(string) (device uint64, known bool) { return 0, false }
