package engine

import (
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
)

// readers is a row of the table of who reads what of a coprocessor at rest. It
// follows from the acts: whoever may do one that needs a secret reads it, with
// this program or their own, and nobody else does. README.md and SECURITY.md
// print the table.
type readers struct {
	Secret string // what it is; %d is the index of its share
	Who    string // who reads it: "every profile", or what their role permits
	// may says which permission lets a profile read it; nil of every profile.
	may func(p coproc.Permission, share int) bool
	// perShare secrets there are for each index of a share.
	perShare bool
}

// anyOf are permissions that have no index.
func anyOf(perms ...coproc.Permission) func(coproc.Permission, int) bool {
	return func(p coproc.Permission, _ int) bool { return slices.Contains(perms, p) }
}

// obtains, and installs, is the officer of a share; of any where that is 0.
func obtains(p coproc.Permission, share int) bool { return ofShare(coproc.ObtainShare, p, share) }
func installs(p coproc.Permission, share int) bool {
	return ofShare(coproc.InstallShare, p, share)
}

func handles(p coproc.Permission, share int) bool { return obtains(p, share) || installs(p, share) }

func ofShare(perm func(int) coproc.Permission, p coproc.Permission, share int) bool {
	if share != 0 {
		return p == perm(share)
	}
	i := p.ShareIndex()
	return i != 0 && p == perm(i)
}

func or(fs ...func(coproc.Permission, int) bool) func(coproc.Permission, int) bool {
	return func(p coproc.Permission, share int) bool {
		return slices.ContainsFunc(fs, func(f func(coproc.Permission, int) bool) bool { return f(p, share) })
	}
}

// The table.
var (
	readAudit   = &readers{Secret: "the audit key", Who: "every profile"}
	readSignSA  = &readers{Secret: "the signing key of an SA", Who: "generate a retained key, or certify", may: anyOf(coproc.PermGenerateKey, coproc.PermCertify)}
	readSignCSS = &readers{Secret: "the signing key of a CSS", Who: "generate a retained key, obtain a share, or cancel", may: or(anyOf(coproc.PermGenerateKey, coproc.PermCancel), obtains)}
	readSignCSR = &readers{Secret: "the signing key of a CSR", Who: "generate a retained key", may: anyOf(coproc.PermGenerateKey)}
	readReceipt = &readers{Secret: "the receipt key of a CSR", Who: "set a master key", may: anyOf(coproc.PermSetMasterKey)}

	readBoxSA  = &readers{Secret: "the box key of an SA", Who: "certify", may: anyOf(coproc.PermCertify)}
	readBoxCSS = &readers{Secret: "the box key of a CSS", Who: "obtain a share", may: obtains}
	readBoxCSR = &readers{Secret: "the box key of a CSR", Who: "install a share", may: installs}

	// Receipts and cancels are taken in by the auditor, and at a target by who
	// then clears the new register.
	readIntake    = &readers{Secret: "the intake key of an SA or a CSS", Who: "audit", may: anyOf(coproc.PermAudit)}
	readIntakeCSR = &readers{Secret: "the intake key of a CSR", Who: "clear the new register", may: anyOf(coproc.PermClearNew)}

	readShareKey = &readers{Secret: "the key of share %d of a CSR", Who: "install share %d", may: installs, perShare: true}
	readShareBox = &readers{Secret: "the key around all shares of a CSR", Who: "install a share", may: installs}

	readPiece     = &readers{Secret: "piece %d of a master key", Who: "obtain or install share %d", may: handles, perShare: true}
	readPartial   = &readers{Secret: "the parts loaded so far", Who: "combine a part", may: anyOf(coproc.PermCombinePart)}
	readDelta     = &readers{Secret: "what makes share %d of a set out of a piece", Who: "obtain share %d", may: obtains, perShare: true}
	readInstalled = &readers{Secret: "share %d, put in before the m-th", Who: "install another share than %d", may: installsOther, perShare: true}
	readMasterKey = &readers{Secret: "the name of a master key in a chip", Who: "obtain or install a share", may: handles}
)

func installsOther(p coproc.Permission, share int) bool {
	return installs(p, 0) && p.ShareIndex() != share
}

// allReaders are all rows, in the order of the printed table.
var allReaders = []*readers{
	readAudit,
	readSignSA, readSignCSS, readSignCSR, readReceipt,
	readBoxSA, readBoxCSS, readBoxCSR, readIntake, readIntakeCSR,
	readShareBox, readShareKey,
	readPiece, readPartial, readDelta, readInstalled, readMasterKey,
}

// first and last are the indices that there is such a secret for: 0 alone where
// it is of no share.
func (r *readers) first() int {
	if r.perShare {
		return 1
	}
	return 0
}

func (r *readers) last(n int) int {
	if r.perShare {
		return n
	}
	return 0
}

func (r *readers) named(share int) string { return r.text(r.Secret, share) }
func (r *readers) who(share int) string   { return r.text(r.Who, share) }

func (r *readers) text(s string, share int) string {
	if r.perShare {
		return fmt.Sprintf(s, share)
	}
	return s
}

// readersOf are the profiles that read a secret, sorted.
func (st *settings) readersOf(r *readers, share int) (profiles []string) {
	for _, p := range st.Profiles {
		if r.may == nil || slices.ContainsFunc(st.role(p.Name).Permissions, func(q coproc.Permission) bool { return r.may(q, share) }) {
			profiles = append(profiles, p.Name)
		}
	}
	slices.Sort(profiles)
	return profiles
}

// signReaders and boxReaders are the rows of a node's keys.
func (n *node) signReaders() *readers {
	return map[coproc.NodeRole]*readers{coproc.SA: readSignSA, coproc.CSS: readSignCSS, coproc.CSR: readSignCSR}[n.Role]
}

func (n *node) boxReaders() *readers {
	return map[coproc.NodeRole]*readers{coproc.SA: readBoxSA, coproc.CSS: readBoxCSS, coproc.CSR: readBoxCSR}[n.Role]
}

func (n *node) intakeReaders() *readers {
	if n.Role == coproc.CSR {
		return readIntakeCSR
	}
	return readIntake
}

// eachSecret calls f with every secret of the state, and its row. A secret that
// is not there is left out. What f puts in its place stays there.
func (st *state) eachSecret(f func(r *readers, share int, s *secret) error) error {
	var first error
	do := func(r *readers, share int, s *secret) {
		if first == nil && s != nil && len(*s) > 0 {
			first = f(r, share, s)
		}
	}
	do(readAudit, 0, &st.Audit.Sealed)
	for i := range st.Nodes {
		n := &st.Nodes[i]
		do(n.signReaders(), 0, &n.Sign.Sealed)
		do(n.boxReaders(), 0, &n.Box.Sealed)
		do(n.intakeReaders(), 0, &n.Intake.Sealed)
		if n.ShareBox != nil {
			do(readShareBox, 0, &n.ShareBox.Sealed)
		}
		if n.Target != nil {
			do(readShareBox, 0, &n.Target.Sealed)
		}
		if n.Receipt != nil {
			do(readReceipt, 0, &n.Receipt.Sealed)
		}
		for k := range n.ShareKeys {
			do(readShareKey, k+1, &n.ShareKeys[k])
		}
	}
	for i := range st.Registers {
		for _, r := range []*register{&st.Registers[i].New, &st.Registers[i].Current, &st.Registers[i].Old} {
			do(readPartial, 0, &r.Parts)
			for k := range r.Pieces {
				do(readPiece, k+1, &r.Pieces[k])
			}
			if r.Key != nil {
				do(readMasterKey, 0, &r.Key.Sealed)
			}
		}
	}
	for i := range st.Sending {
		for k := range st.Sending[i].Shares {
			do(readDelta, k+1, &st.Sending[i].Shares[k].Value)
		}
	}
	for i := range st.Receiving {
		for k := range st.Receiving[i].Shares {
			do(readInstalled, k+1, &st.Receiving[i].Shares[k].Value)
		}
	}
	return first
}
