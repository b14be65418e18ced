// Package plan is the worksheet of a ceremony as it was agreed: one strict TOML
// file that says which coprocessors and nodes there are and who does what, agreed
// before phase 1 and the same on every node. PLAN.md describes it; package draft
// makes one.
package plan
