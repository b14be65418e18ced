// Package route is the way through the rooms of a plan: which phases are done in
// which room before somebody walks to the next one.
package route
