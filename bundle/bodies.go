package bundle

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
)

// SAKeyBody is inside sa-key.
type SAKeyBody struct {
	Keys coproc.Keys `cbor:"1,keyasint"` // of the SA node; Sign is the SA key
	Plan []byte      `cbor:"2,keyasint"` // the plan's canonical text, UTF-8
}

// RequestBody is inside css-key and csr-key: what a node asks the SA to certify.
type RequestBody struct {
	Node coproc.NodeID   `cbor:"1,keyasint"`
	Role coproc.NodeRole `cbor:"2,keyasint"`
	Keys coproc.Keys     `cbor:"3,keyasint"`
	// Nonce is 16 random bytes, so that no two requests are the same.
	Nonce [16]byte `cbor:"4,keyasint"`
}

// CertificateBody is inside css-cert and csr-cert.
type CertificateBody struct {
	Certificate []byte `cbor:"1,keyasint"` // for coproc.ParseCertificate
}

// StatementBody is inside statement.
type StatementBody struct {
	Statement []byte `cbor:"1,keyasint"` // for coproc.ParseStatement
}

// ReceiptBody is inside receipt: what the target's registers held after the
// master key was set.
type ReceiptBody struct {
	Statement coproc.Digest     `cbor:"1,keyasint"` // of the signed statement that it follows
	ShareSet  coproc.ShareSetID `cbor:"2,keyasint"`
	Class     coproc.Class      `cbor:"3,keyasint"`
	Pattern   coproc.Pattern    `cbor:"4,keyasint"` // of the cloned master key
	New       coproc.Register   `cbor:"5,keyasint"`
	Current   coproc.Register   `cbor:"6,keyasint"`
	Old       coproc.Register   `cbor:"7,keyasint"`
	Installed []uint8           `cbor:"8,keyasint"` // share indices, ascending; a byte string in CBOR
	By        string            `cbor:"9,keyasint"` // the profile that set the master key
}

func (b SAKeyBody) check() error {
	if len(b.Plan) == 0 || !utf8.Valid(b.Plan) {
		return errors.New("the plan is not text")
	}
	if err := b.Keys.CheckRole(coproc.SA); err != nil {
		return err
	}
	return b.Keys.Check()
}

func (b SAKeyBody) fits(_ Header, key coproc.PublicKey) error {
	if b.Keys.Sign != key {
		return errors.New("the SA key inside is not the one that signed")
	}
	return nil
}

func (b RequestBody) check() error { return b.Keys.Check() }

func (b RequestBody) fits(h Header, key coproc.PublicKey) error {
	role := coproc.CSS
	if h.Kind == KindCSRKey {
		role = coproc.CSR
	}
	switch {
	case b.Keys.Sign != key:
		return errors.New("the key to certify is not the one that signed")
	case b.Node != h.From:
		return fmt.Errorf("it asks for node %s, its header is from %q", outside.Text(b.Node.Name), h.From.Name)
	case b.Role != role:
		return fmt.Errorf("it asks for role %s", outside.Text(b.Role))
	}
	return b.Keys.CheckRole(role)
}

func (b CertificateBody) check() error {
	if len(b.Certificate) == 0 {
		return errors.New("no certificate")
	}
	return nil
}

func (CertificateBody) fits(Header, coproc.PublicKey) error { return nil }

func (b StatementBody) check() error {
	if len(b.Statement) == 0 {
		return errors.New("no statement")
	}
	return nil
}

func (StatementBody) fits(Header, coproc.PublicKey) error { return nil }

func (r ReceiptBody) check() error {
	switch {
	case r.Class.Size() == 0:
		return fmt.Errorf("unknown master-key class %s", outside.Text(r.Class))
	case r.New.State > coproc.Full || r.Current.State > coproc.Full || r.Old.State > coproc.Full:
		return fmt.Errorf("registers are %s, %s, %s", r.New, r.Current, r.Old)
	case len(r.Installed) == 0:
		return errors.New("no share was installed")
	}
	if err := checkShares(r.Installed); err != nil {
		return fmt.Errorf("installed %w", err)
	}
	return checkBy(r.By)
}

func (ReceiptBody) fits(Header, coproc.PublicKey) error { return nil }
