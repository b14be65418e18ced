package transcript_test

import "os"

// long is whether whole ceremonies that are like another one are played, too,
// as CI does. See CONTRIBUTING.md.
var long = os.Getenv("GAPFERRY_LONG") != ""
