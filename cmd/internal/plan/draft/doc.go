// Package draft makes plans: with one officer for each task, for people to put
// names into, and with the smallest team that could carry it out. Whoever reads a
// plan, and an auditor above all, does without.
package draft
