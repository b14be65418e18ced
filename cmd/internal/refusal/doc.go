// Package refusal names why something was not done. Each refusal has a code, for
// programs, journals and tests, and each code a group, from which the command's
// exit code follows.
package refusal
