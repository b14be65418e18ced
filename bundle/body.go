package bundle

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/outside"
)

// SAKeyBody is inside sa-key.
type SAKeyBody struct {
	Keys coproc.Keys `cbor:"1,keyasint"` // of the SA node; Sign is the SA key
	Plan []byte      `cbor:"2,keyasint"` // the plan's canonical text, UTF-8
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

// SAKey is the body of sa-key; ErrKind for another kind.
func (b *Bundle) SAKey() (SAKeyBody, error) { return bodyOf[SAKeyBody](b, KindSAKey) }

// Request is the body of css-key and csr-key; ErrKind for another kind.
func (b *Bundle) Request() (coproc.Request, error) {
	return bodyOf[coproc.Request](b, KindCSSKey, KindCSRKey)
}

// Certificate is the body of css-cert and csr-cert; ErrKind for another kind.
func (b *Bundle) Certificate() (CertificateBody, error) {
	return bodyOf[CertificateBody](b, KindCSSCert, KindCSRCert)
}

// Statement is the body of statement; ErrKind for another kind.
func (b *Bundle) Statement() (StatementBody, error) {
	return bodyOf[StatementBody](b, KindStatement)
}

// Receipt is the body of receipt; ErrKind for another kind.
func (b *Bundle) Receipt() (ReceiptBody, error) { return bodyOf[ReceiptBody](b, KindReceipt) }

// bodyOf gives the body as a T, which is inside of those kinds alone.
func bodyOf[T any](b *Bundle, kinds ...Kind) (T, error) {
	body, ok := b.body.(T)
	if !ok {
		return body, fmt.Errorf("%w: it is %q, wanted is %q", ErrKind, b.Header().Kind, kinds)
	}
	return body, nil
}

// decodeInside reads the plaintext of a bundle whose signature verified with
// key.
func decodeInside(plaintext, header []byte, h Header, key coproc.PublicKey) (any, error) {
	b, err := openInside(plaintext, header, h.Kind)
	if err != nil {
		return nil, err
	}
	var body any
	switch h.Kind {
	case KindSAKey:
		body, err = decodeAs[SAKeyBody](b)
	case KindCSSKey, KindCSRKey:
		body, err = decodeAs[coproc.Request](b)
	case KindCSSCert, KindCSRCert:
		body, err = decodeAs[CertificateBody](b)
	case KindStatement:
		body, err = decodeAs[StatementBody](b)
	case KindReceipt:
		body, err = decodeAs[ReceiptBody](b)
	case KindCancel:
		body, err = decodeAs[CancelBody](b)
	case KindRevoke:
		body, err = decodeAs[RevokeBody](b)
	case KindJournal:
		body, err = decodeAs[JournalBody](b)
	default:
		return nil, fmt.Errorf("%w: nothing of %q can be read here", ErrKind, h.Kind)
	}
	if err != nil {
		return nil, err
	}
	if err := checkBody(h, body, key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInside, err)
	}
	return body, nil
}

// checkContent refuses keys and a plan that nobody could use, whatever is around
// them.
func checkContent(body any) error {
	switch b := body.(type) {
	case SAKeyBody:
		if len(b.Plan) == 0 || !utf8.Valid(b.Plan) {
			return errors.New("the plan is not text")
		}
		if err := b.Keys.CheckRole(coproc.SA); err != nil {
			return err
		}
		return b.Keys.Check()
	case coproc.Request:
		return b.Keys.Check()
	}
	return nil
}

// checkBody compares a body with the header around it and the key that signed.
func checkBody(h Header, body any, key coproc.PublicKey) error {
	switch b := body.(type) {
	case SAKeyBody:
		switch {
		case h.Kind != KindSAKey:
			return wrongBody(h, body)
		case b.Keys.Sign != key:
			return errors.New("the SA key inside is not the one that signed")
		}
	case coproc.Request:
		role := coproc.CSS
		if h.Kind == KindCSRKey {
			role = coproc.CSR
		}
		switch {
		case h.Kind != KindCSSKey && h.Kind != KindCSRKey:
			return wrongBody(h, body)
		case b.Keys.Sign != key:
			return errors.New("the key to certify is not the one that signed")
		case b.Node != h.From:
			return fmt.Errorf("it asks for node %s, its header is from %q", outside.Text(b.Node.Name), h.From.Name)
		case b.Role != role:
			return fmt.Errorf("it asks for role %s", outside.Text(b.Role))
		}
		return b.Keys.CheckRole(role)
	case CertificateBody:
		if h.Kind != KindCSSCert && h.Kind != KindCSRCert {
			return wrongBody(h, body)
		}
		if len(b.Certificate) == 0 {
			return errors.New("no certificate")
		}
	case StatementBody:
		if h.Kind != KindStatement {
			return wrongBody(h, body)
		}
		if len(b.Statement) == 0 {
			return errors.New("no statement")
		}
	case ReceiptBody:
		if h.Kind != KindReceipt {
			return wrongBody(h, body)
		}
		return b.check()
	case CancelBody:
		if h.Kind != KindCancel {
			return wrongBody(h, body)
		}
		return b.check()
	case RevokeBody:
		switch {
		case h.Kind != KindRevoke:
			return wrongBody(h, body)
		case b.Node.Name != h.About:
			return fmt.Errorf("it revokes node %s, its header is about %q", outside.Text(b.Node.Name), h.About)
		}
		return b.check()
	case JournalBody:
		if h.Kind != KindJournal {
			return wrongBody(h, body)
		}
		return b.check()
	default:
		return wrongBody(h, body)
	}
	return nil
}

func wrongBody(h Header, body any) error {
	return fmt.Errorf("%w: %T does not go into %q", ErrKind, body, h.Kind)
}

// maxBy bounds the name of a profile, in printable ASCII characters.
const maxBy = 64

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

func checkShares(list []uint8) error {
	for i, index := range list {
		if index < 1 || index > coproc.MaxShares || i > 0 && list[i-1] >= index {
			return fmt.Errorf("shares %d", list[:min(len(list), coproc.MaxShares+1)])
		}
	}
	return nil
}

func checkBy(profile string) error {
	if profile == "" || len(profile) > maxBy || strings.ContainsFunc(profile, func(c rune) bool { return c < 0x20 || c > 0x7e }) {
		return fmt.Errorf("profile %s", outside.Text(profile))
	}
	return nil
}
