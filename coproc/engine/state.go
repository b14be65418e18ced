package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/chip"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// stateVersion is the version of the encoding of state.
//
// 2: the state counts every act; one of version 1 cannot say whether it is old.
// 3: each officer has a key of their own.
// 4: it is sealed under a key of its own, and what is secret in it to its readers.
const stateVersion = 4

// state is everything the coprocessor holds. It is encoded as deterministic
// CBOR and leaves memory only sealed (keyring.go). Every profile opens it: what
// is secret in it is sealed once more, to those who need it (group.go).
type state struct {
	vault

	Version  uint             `cbor:"1,keyasint"`
	Audit    key              `cbor:"11,keyasint"`
	AuditKey coproc.PublicKey `cbor:"12,keyasint"`

	Registers []registers        `cbor:"13,keyasint"` // in the order of coproc.Classes
	Nodes     []node             `cbor:"14,keyasint"`
	SAHash    *coproc.Thumbprint `cbor:"15,keyasint"`
	SAHashBy  string             `cbor:"16,keyasint"`
	SAKey     *coproc.PublicKey  `cbor:"17,keyasint"`
	SAKeyBy   string             `cbor:"18,keyasint"`
	Sending   []outgoingSet      `cbor:"19,keyasint"`
	Receiving []incomingSet      `cbor:"20,keyasint"`

	JournalCount uint64        `cbor:"21,keyasint"`
	JournalHead  coproc.Digest `cbor:"22,keyasint"`

	Acts uint64 `cbor:"24,keyasint"` // see coproc.Info

	Unregister   *coproc.Thumbprint `cbor:"26,keyasint,omitempty"` // the hash that UnregisterBy asks to take back
	UnregisterBy string             `cbor:"27,keyasint,omitempty"`

	Voided []coproc.ShareSetID `cbor:"30,keyasint,omitempty"` // share sets that their source cancelled

	Family coproc.Family `cbor:"40,keyasint,omitempty"` // of the chip
	Device string        `cbor:"41,keyasint,omitempty"` // the chip; none of software

}

// settings are what the set-up said: of which ceremony the coprocessor is, and who
// may do what.
type settings struct {
	Ceremony    coproc.CeremonyID `cbor:"2,keyasint"`
	Rehearsal   bool              `cbor:"3,keyasint"`
	Serial      coproc.Serial     `cbor:"4,keyasint"`
	EID         coproc.EID        `cbor:"5,keyasint"`
	M           int               `cbor:"6,keyasint"`
	N           int               `cbor:"7,keyasint"`
	AllowAES    bool              `cbor:"8,keyasint"`
	Roles       []coproc.Role     `cbor:"9,keyasint"`
	Profiles    []profile         `cbor:"10,keyasint"`
	MaxFailures int               `cbor:"23,keyasint,omitempty"` // see coproc.Setup
}

// vault keeps what is secret, for those who need it.
type vault struct {
	settings
	Groups []group         `cbor:"31,keyasint"` // who reads what: see readers.go
	Grants []grant         `cbor:"32,keyasint"` // and with what
	ctx    context.Context // of the command
	chip   chip.Chip       // what the keys are of
	news   []chip.Ref      // handles of what was made by the act that this copy is for: see made
	as     reader          // the officer whose act it is
}

// profile is an officer. The state is sealed to every profile's recipient:
// the list is in here, so that nobody adds a reader from outside.
type profile struct {
	Name      string `cbor:"1,keyasint"`
	Role      string `cbor:"2,keyasint"`
	Person    string `cbor:"3,keyasint"`
	Recipient string `cbor:"4,keyasint"`
	NotBefore int64  `cbor:"5,keyasint,omitempty"`
	NotAfter  int64  `cbor:"6,keyasint,omitempty"`
	Next      string `cbor:"7,keyasint,omitempty"` // recipient, while the passphrase is being changed

	Keys  []coproc.PublicKey `cbor:"8,keyasint"`           // see coproc.OfficerKey
	Proof []byte             `cbor:"9,keyasint,omitempty"` // see coproc.OfficerKey
	// While the passphrase is being changed.
	NextKey   *coproc.PublicKey `cbor:"10,keyasint,omitempty"`
	NextProof []byte            `cbor:"11,keyasint,omitempty"`
}

// register is one master-key register. Parts, Expected and Verified are about the
// new register only.
type register struct {
	State    coproc.RegisterState `cbor:"1,keyasint"`
	Parts    secret               `cbor:"2,keyasint,omitempty"` // while State is Partial: XORed so far
	By       []string             `cbor:"3,keyasint"`           // who loaded, generated or installed what is in it, in order
	Expected *coproc.Pattern      `cbor:"4,keyasint"`           // by the source's statement, where shares made the key
	Verified bool                 `cbor:"5,keyasint"`           // VerifyNew found Expected

	// Of what is Full. A key is in Pieces, or in the chip.
	Pieces  []secret       `cbor:"6,keyasint,omitempty"`
	Key     *key           `cbor:"7,keyasint,omitempty"`
	Pattern coproc.Pattern `cbor:"8,keyasint"`
	Weak    bool           `cbor:"9,keyasint"`
}

// registers are the registers of one class.
type registers struct {
	Class   coproc.Class `cbor:"1,keyasint"`
	New     register     `cbor:"2,keyasint"`
	Current register     `cbor:"3,keyasint"`
	Old     register     `cbor:"4,keyasint"`
}

// node is a retained key: what coproc.RetainedKey reports, and the private halves.
type node struct {
	Name     string          `cbor:"1,keyasint"`
	Role     coproc.NodeRole `cbor:"2,keyasint"`
	Keys     coproc.Keys     `cbor:"3,keyasint"`
	By       string          `cbor:"4,keyasint"`
	Sign     key             `cbor:"5,keyasint"`
	Box      key             `cbor:"6,keyasint"`
	ShareBox *key            `cbor:"7,keyasint,omitempty"` // only a CSR node has one
	Target   *key            `cbor:"8,keyasint,omitempty"` // see chip.Wrapper; a CSR node's
	Intake   key             `cbor:"11,keyasint"`
	Receipt  *key            `cbor:"9,keyasint,omitempty"` // as ShareBox
	// ShareKeys are software's in every family: X25519, 32 bytes.
	ShareKeys []secret `cbor:"10,keyasint,omitempty"`
}

// share is one share of a set.
type share struct {
	State  coproc.ShareState `cbor:"1,keyasint"`
	By     string            `cbor:"2,keyasint"`
	Digest coproc.Digest     `cbor:"3,keyasint"` // of the sealed share
	Value  secret            `cbor:"4,keyasint"` // what makes it, or is it; gone as soon as it is of no more use
}

// outgoingSet is a share set that is being given out.
type outgoingSet struct {
	Source      string            `cbor:"1,keyasint"` // the CSS node
	Target      coproc.NodeID     `cbor:"2,keyasint"`
	Certificate coproc.Digest     `cbor:"3,keyasint"` // of the target's certificate
	ShareSet    coproc.ShareSetID `cbor:"4,keyasint"`
	Class       coproc.Class      `cbor:"5,keyasint"`
	Pattern     coproc.Pattern    `cbor:"6,keyasint"`
	Shares      []share           `cbor:"7,keyasint"`
	Statement   []byte            `cbor:"8,keyasint"`            // once signed
	Blob        *coproc.Digest    `cbor:"20,keyasint,omitempty"` // see cloneInfo
}

// incomingSet is a share set that is being received.
type incomingSet struct {
	Node      string           `cbor:"1,keyasint"` // the CSR node
	Digest    coproc.Digest    `cbor:"2,keyasint"` // of the statement as it was signed
	Statement coproc.Statement `cbor:"3,keyasint"`
	SourceKey coproc.PublicKey `cbor:"4,keyasint"` // verifies the shares
	Shares    []share          `cbor:"5,keyasint"`
	Complete  bool             `cbor:"6,keyasint"`            // the new register was filled
	Blob      *coproc.Digest   `cbor:"20,keyasint,omitempty"` // by the shares so far: see cloneInfo
}

// which is the chip that the Refs are of.
func (st *state) which() which { return which{st.Family, st.Device} }

// clone makes a copy to change. It goes through the encoding, so that a field
// added later cannot be forgotten here.
func (st *state) clone() (*state, error) {
	b, err := detcbor.Marshal(st)
	if err != nil {
		return nil, err
	}
	changed, err := decodeState(b)
	if err == nil {
		changed.ctx, changed.chip, changed.as = st.ctx, st.chip, st.as
	}
	return changed, err
}

func decodeState(b []byte) (*state, error) {
	if err := checkVersion(b); err != nil {
		return nil, err
	}
	st := new(state)
	if err := detcbor.Unmarshal(b, st); err != nil {
		return nil, err
	}
	return st, nil
}

// checkVersion refuses by name what another build wrote: it has other fields,
// so that nothing but the version is read of it.
func checkVersion(b []byte) error {
	var st struct {
		Version uint `cbor:"1,keyasint"`
	}
	if err := detcbor.Peek(b, &st); err != nil {
		return err
	}
	if st.Version == stateVersion {
		return nil
	}
	whose := "an older"
	if st.Version > stateVersion {
		whose = "a newer"
	}
	return fmt.Errorf("%w: the coprocessor's state is of version %d, which %s build of this program writes; this one writes %d", coproc.ErrBuild, st.Version, whose, stateVersion)
}

// registersOf returns the registers of c, or ErrClass where there is no such class.
func (st *state) registersOf(c coproc.Class) (*registers, error) {
	i := slices.IndexFunc(st.Registers, func(r registers) bool { return r.Class == c })
	if i < 0 {
		return nil, fmt.Errorf("%w: unknown class %q", coproc.ErrClass, c)
	}
	return &st.Registers[i], nil
}

// nodeOf returns the retained key of a node, if it has that role.
func (st *state) nodeOf(name string, role coproc.NodeRole) (*node, error) {
	n, err := st.node(name)
	if err != nil {
		return nil, err
	}
	if n.Role != role {
		return nil, fmt.Errorf("%w: node %q is a %s node, not a %s node", coproc.ErrNoKey, name, n.Role, role)
	}
	return n, nil
}

func (st *state) node(name string) (*node, error) {
	i := slices.IndexFunc(st.Nodes, func(n node) bool { return n.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%w: node %q", coproc.ErrNoKey, name)
	}
	return &st.Nodes[i], nil
}

// nodeID is who a node of this coprocessor is.
func (st *settings) nodeID(name string) coproc.NodeID {
	return coproc.NodeID{Name: name, Serial: st.Serial, EID: st.EID}
}

// profile returns an officer, or nil.
func (st *settings) profile(name string) *profile {
	i := slices.IndexFunc(st.Profiles, func(p profile) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &st.Profiles[i]
}

// role returns a profile's role; one that permits nothing where there is none.
func (st *settings) role(name string) coproc.Role {
	if p := st.profile(name); p != nil {
		if i := slices.IndexFunc(st.Roles, func(r coproc.Role) bool { return r.Name == p.Role }); i >= 0 {
			return st.Roles[i]
		}
	}
	return coproc.Role{Name: coproc.DefaultRole}
}

// permits reports whether a profile's role holds any of perms.
func (st *settings) permits(name string, perms ...coproc.Permission) bool {
	return slices.ContainsFunc(perms, st.role(name).Permits)
}
