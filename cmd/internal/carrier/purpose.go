package carrier

import "fmt"

// Rules are what the plan of a ceremony says of its media.
type Rules struct {
	Ceremony string   // its identifier; empty where no plan is known
	Carrier  string   // what is used where no flag names a carrier: "usb", or ""
	Targets  []string // their names
	Shares   int      // how many there are
	Officers []string // who keeps each of them, the first share's first
	Together bool     // two shares for one target may go on one medium
}

// PurposeDatabases is what a stick is prepared for, as its marker says it, that
// carries the databases of all nodes.
const PurposeDatabases = "all databases"

// PurposeDatabase is that of a stick for the database of one node.
func PurposeDatabase(node string) string { return "database of " + node }

// PurposeShare is that of the stick that a share officer keeps.
func PurposeShare(i int) string { return fmt.Sprintf("share officer %d", i) }

// databasePurposes are the purposes of sticks that carry databases; none where no
// plan is known: any stick will do.
func (r Rules) databasePurposes() []string {
	if r.Ceremony == "" {
		return nil
	}
	wants := []string{PurposeDatabases, PurposeDatabase("sa")}
	for _, t := range r.Targets {
		wants = append(wants, PurposeDatabase(t))
	}
	return wants
}

func (r Rules) sharePurposes() []string {
	var wants []string
	for i := 1; i <= r.Shares; i++ {
		wants = append(wants, PurposeShare(i))
	}
	return wants
}
