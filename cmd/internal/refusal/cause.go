package refusal

import (
	"errors"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// ErrJournal is wrapped when a journal is not what its node wrote.
var ErrJournal = errors.New("the journal was changed or is damaged")

// causes gives the code for each error of the packages below. The first that fits
// counts: an error can wrap two of them.
var causes = []struct {
	err  error
	code Code
}{
	{bundle.ErrLevel, CodeLevel},
	{bundle.ErrTooLarge, CodeFormat},
	{bundle.ErrFormat, CodeFormat},
	{bundle.ErrKind, CodeFormat},
	{bundle.ErrUnknownKey, CodeUnknownKey},
	{coproc.ErrExpired, CodeExpired},
	{bundle.ErrCertificate, CodeCertificate},
	{bundle.ErrSignature, CodeSignature},
	{bundle.ErrNotSealedToMe, CodeNotSealedToMe},
	{bundle.ErrInside, CodeInside},

	{coproc.ErrProfile, CodeAccess},
	{coproc.ErrLocked, CodeLocked}, // before ErrPassphrase, which locks
	{coproc.ErrPassphrase, CodePassphrase},
	{coproc.ErrNewPassphrase, CodeNewPassphrase},
	{coproc.ErrInactive, CodeInactive},
	{coproc.ErrAccess, CodeAccess},
	{coproc.ErrJournal, CodeJournal},
	{coproc.ErrBuild, CodeStore},
	{coproc.ErrRegistered, CodeRegistered},
	{coproc.ErrKeyRegistered, CodeKeyRegistered},
	{coproc.ErrNotAsked, CodeOrder},
	{coproc.ErrNoHash, CodeHashFirst},
	{coproc.ErrNoSAKey, CodeOrder},
	{coproc.ErrHashDiffers, CodeHashDiffers},
	{coproc.ErrSameProfile, CodeSameProfile},
	{coproc.ErrClass, CodeClass},
	{coproc.ErrRegister, CodeRegister},
	{coproc.ErrWeakKey, CodeWeakKey},
	{coproc.ErrSameKey, CodeSameKey},
	{coproc.ErrNotVerified, CodeNotVerified},
	{coproc.ErrPattern, CodePattern},
	{coproc.ErrShareIndex, CodeShareIndex},
	{coproc.ErrShareDone, CodeShareRepeat},
	{coproc.ErrShareSet, CodeShareSet},
	{coproc.ErrVoid, CodeCancelled},
	{coproc.ErrStatement, CodeShareSet},
	{coproc.ErrShareTarget, CodeWrongTarget},
	{coproc.ErrOtherMasterKey, CodeOtherMasterKey},
	{coproc.ErrShareDamaged, CodeShareDamaged},
	{coproc.ErrShareState, CodeShareState},
	{coproc.ErrNoKey, CodeOrder},
	{coproc.ErrDevice, CodeCoprocessor}, // before ErrFamily, which is of another kind, too
	{coproc.ErrFamily, CodeFamily},
	{coproc.ErrCertificate, CodeCertificate},
	{cosesig.ErrSignature, CodeSignature},
	{cosesig.ErrMessage, CodeFormat},
	{ErrJournal, CodeJournal},

	{coproc.ErrMemory, CodeCoprocessor},
	{coproc.ErrDamaged, CodeCoprocessor},
	{coproc.ErrExists, CodeCoprocessor},
	{coproc.ErrSetup, CodeCoprocessor},
	{coproc.ErrNoReader, CodeCoprocessor},
	{coproc.ErrKeyExists, CodeCoprocessor},
	{coproc.ErrPart, CodeCoprocessor},
	{coproc.ErrClosed, CodeCoprocessor},
}
