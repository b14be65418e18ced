// Package plantest has a plan for tests of all packages.
package plantest

import (
	_ "embed"
	"strings"
)

// Text is a good plan with two targets, in its canonical form. Tests change
// its lines by their number, see With.
//
//go:embed plan.toml
var Text string

// Lines are lines of a text, by their number from 1.
type Lines = map[int]string

// With gives a text with some of its lines replaced.
func With(text string, changes Lines) string {
	lines := strings.Split(text, "\n")
	for n, line := range changes {
		lines[n-1] = line
	}
	return strings.Join(lines, "\n")
}
