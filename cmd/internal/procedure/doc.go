// Package procedure holds the tables of the procedure: its phases, the tasks of
// officers, the acts outside of the phases, and the kinds of bundle that go from
// room to room. They are data; whoever acts, reads or prints derives from them.
package procedure
