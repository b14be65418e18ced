package qrtest

import (
	"fmt"
	"image"
	"math/rand/v2"
)

// Seed is the seed of the corpus whose numbers are published.
const Seed = 18004

// Case is one picture to be read. The zero value is not useful: Cases makes
// them.
type Case struct {
	Family   string  // what is wrong with the picture: "scale", "persp", …
	Severity float64 // how much, in the family's own unit: see families
	Variant  int     // 0, 1, …: otherwise equal cases with other random numbers
	Version  int     // of the symbol, 1 to 40 (ISO/IEC 18004, 5.3.1)
	Level    Level   // error correction
	Text     string  // what the code says: base45, as much as version and level hold

	seed uint64
	take func(*shot, float64)
}

// family is a kind of degradation.
type family struct {
	name       string
	severities []float64
	variants   int                  // pictures of each severity, version and level
	take       func(*shot, float64) // sets up the shot for a severity
}

// families are the 17 kinds: 67 severities and variants, which times 7
// versions and 3 levels makes 1,407 pictures.
var families = []family{
	{"scale", []float64{1.5, 2, 2.5, 3, 4, 6, 8}, 1, takeScale},   // pixels a module
	{"rot", []float64{5, 15, 30, 45, 90, 180}, 1, takeRotation},   // degrees, in the picture's plane
	{"persp", []float64{10, 20, 30, 40}, 1, takePerspective},      // degrees, out of it
	{"curl", []float64{1, 2, 4}, 1, takeCurl},                     // bow of the middle, in modules
	{"gblur", []float64{1, 1.5, 2, 2.5}, 1, takeDefocus},          // Gaussian sigma, in pixels
	{"mblur", []float64{2, 4, 5, 6}, 1, takeMotion},               // length of the smear, in pixels
	{"noise", []float64{20, 40, 60, 80}, 1, takeNoise},            // Gaussian sigma, in grey values
	{"contrast", []float64{80, 40, 20, 10}, 1, takeContrast},      // paper minus ink, in grey values
	{"light", []float64{0.5, 0.7, 0.85}, 1, takeLight},            // light lost from one edge to the other
	{"shadow", []float64{0.3, 0.5, 0.7}, 1, takeShadow},           // light lost behind an edge
	{"jpeg", []float64{50, 25, 12, 6}, 1, takeJPEG},               // quality
	{"occl", []float64{0.02, 0.04, 0.06, 0.09}, 1, takeOcclusion}, // part of the symbol covered
	{"moire", []float64{0.2, 0.4, 0.6}, 1, takeMoire},             // amplitude, of the light
	{"c-print", []float64{1, 2}, 2, takePrint},                    // curved paper, printed; 4 and 3 pixels a module
	{"c-screen", []float64{1, 2}, 2, takeScreen},                  // screen, tilted; 3.4 and 2.6 pixels a module
	{"c-cam720", []float64{1}, 3, takeCamera(HD)},                 // one webcam frame
	{"c-cam1080", []float64{1}, 3, takeCamera(FullHD)},            // the same, larger
}

var (
	versions = []int{5, 10, 15, 20, 25, 30, 40}
	levels   = []Level{L, M, Q}
)

// Families are the families' names, in the order of the corpus.
func Families() []string {
	var names []string
	for _, f := range families {
		names = append(names, f.name)
	}
	return names
}

// Cases is the corpus: 1,407 cases, in the order of Families, and in each by
// severity, variant, version and level. The same seed gives the same cases.
func Cases(seed uint64) []Case {
	var all []Case
	for _, f := range families {
		for _, severity := range f.severities {
			for variant := range f.variants {
				for _, version := range versions {
					for _, level := range levels {
						c := Case{
							Family: f.name, Severity: severity, Variant: variant,
							Version: version, Level: level,
							seed: seed<<16 + uint64(len(all)), take: f.take,
						}
						c.Text = randomText(rand.New(rand.NewPCG(c.seed, textStream)), version, level)
						all = append(all, c)
					}
				}
			}
		}
	}
	return all
}

// Streams of one case's seed, so that its text and its optics are independent.
const (
	textStream = iota + 1
	opticsStream
)

// String names the case: "persp-40/v25-M", "c-print-2.1/v5-L" (variant 1).
func (c Case) String() string {
	s := fmt.Sprintf("%s-%g", c.Family, c.Severity)
	if c.Variant > 0 {
		s += fmt.Sprintf(".%d", c.Variant)
	}
	return s + fmt.Sprintf("/v%d-%c", c.Version, c.Level)
}

// Picture makes the case's picture, the same each time. It takes some tens of
// milliseconds.
func (c Case) Picture() *image.Gray {
	s := newShot(mustEncode(c.Text, c.Version, c.Level), rand.New(rand.NewPCG(c.seed, opticsStream)))
	c.take(s, c.Severity)
	return s.picture()
}
