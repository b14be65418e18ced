package engine

import (
	"errors"
	"fmt"

	"filippo.io/age"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// cloneInfo is a share as it travels (CCA's cloning information): CBOR in a
// COSE_Sign1 message of cosesig.DomainCloneInfo by the CSS key, in an age file
// to the target's ShareBox. The share in it is sealed once more, to its officer's
// key. CCA signs index and source only; here everything that says which share it
// is, of what and for whom, is under the signature.
type cloneInfo struct {
	Ceremony    coproc.CeremonyID `cbor:"1,keyasint"`
	ShareSet    coproc.ShareSetID `cbor:"2,keyasint"`
	Class       coproc.Class      `cbor:"3,keyasint"`
	M           uint8             `cbor:"4,keyasint"`
	N           uint8             `cbor:"5,keyasint"`
	Pattern     coproc.Pattern    `cbor:"6,keyasint"`
	Source      coproc.NodeID     `cbor:"7,keyasint"`
	Target      coproc.NodeID     `cbor:"8,keyasint"`
	Certificate coproc.Digest     `cbor:"9,keyasint"` // of the target's certificate
	Index       uint8             `cbor:"10,keyasint"`
	Share       []byte            `cbor:"11,keyasint"` // coproc.SealShare of what is as long as what Chip.Export gave
	Context     coproc.Digest     `cbor:"12,keyasint"` // of the header of the bundle that carries it
	// Blob is the digest of what a chip.Wrapper wrapped, and all shares come to:
	// a chip says no more of a bad blob than that it is one. Of a chip that gives
	// out the key itself there is none, as it would tell who has one share
	// whether a guess is the key.
	Blob *coproc.Digest `cbor:"13,keyasint,omitempty"`
}

// seal signs with the source's key and encrypts to a ShareBox recipient.
func (ci cloneInfo) seal(sign func(cosesig.Domain, any) ([]byte, error), to age.Recipient) ([]byte, error) {
	signed, err := sign(cosesig.DomainCloneInfo, ci)
	if err != nil {
		return nil, err
	}
	defer clear(signed)
	return encrypt(signed, to)
}

// openCloneInfo is the reverse of seal, with the target's ShareBox. A share for
// another key than the node's is ErrShareTarget, anything else that is wrong ErrShareDamaged.
func openCloneInfo(sealed []byte, target string, box age.Identity, source coproc.PublicKey) (cloneInfo, error) {
	var ci cloneInfo
	signed, err := decrypt(sealed, box)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return ci, fmt.Errorf("%w: it is not sealed to the key of %s", coproc.ErrShareTarget, target)
	}
	if err != nil {
		return ci, fmt.Errorf("%w: %v", coproc.ErrShareDamaged, err)
	}
	defer clear(signed)
	payload, err := coproc.VerifySigned(cosesig.DomainCloneInfo, signed, source)
	if err != nil {
		return ci, fmt.Errorf("%w: %w", coproc.ErrShareDamaged, err)
	}
	defer clear(payload)
	if err := detcbor.Unmarshal(payload, &ci); err != nil {
		return ci, fmt.Errorf("%w: %v", coproc.ErrShareDamaged, err)
	}
	return ci, nil
}

// check compares everything that the share says of itself with the accepted
// statement, and with what the operator believes to install. size is the length
// of a share in bytes, without its inner seal.
func (ci cloneInfo) check(s coproc.Statement, index int, context coproc.Digest, size int) error {
	switch {
	case ci.Ceremony != s.Ceremony:
		return fmt.Errorf("%w: it is of ceremony %s, the statement of %s", coproc.ErrShareSet, ci.Ceremony, s.Ceremony)
	case ci.ShareSet != s.ShareSet:
		return fmt.Errorf("%w: it is of share set %s, the statement of %s", coproc.ErrShareSet, ci.ShareSet, s.ShareSet)
	case ci.Class != s.Class:
		return fmt.Errorf("%w: it is of a %s, the statement of a %s", coproc.ErrShareSet, ci.Class, s.Class)
	case ci.M != s.M || ci.N != s.N:
		return fmt.Errorf("%w: it is one of %d of %d, the statement of %d of %d", coproc.ErrShareSet, ci.M, ci.N, s.M, s.N)
	case ci.Source != s.Source:
		return fmt.Errorf("%w: it is from %s, the statement from %s", coproc.ErrShareSet, ci.Source, s.Source)
	case ci.Target != s.Target:
		return fmt.Errorf("%w: it is for %s, the statement for %s", coproc.ErrShareTarget, ci.Target, s.Target)
	case ci.Certificate != s.Certificate:
		return fmt.Errorf("%w: it is for the certificate %s, the statement for %s", coproc.ErrShareTarget, ci.Certificate.Short(), s.Certificate.Short())
	case ci.Pattern != s.Pattern:
		return fmt.Errorf("%w: its pattern is %s, the statement's %s", coproc.ErrOtherMasterKey, ci.Pattern, s.Pattern)
	case int(ci.Index) != index:
		return fmt.Errorf("%w: it is share %d, not %d", coproc.ErrShareIndex, ci.Index, index)
	case ci.Context != context:
		return fmt.Errorf("%w: it was sealed for another bundle", coproc.ErrShareDamaged)
	case len(ci.Share) != size+coproc.SealedShare:
		return fmt.Errorf("%w: it has %d bytes, a share of a %s has %d", coproc.ErrShareDamaged, max(0, len(ci.Share)-coproc.SealedShare), s.Class, size)
	}
	return nil
}
