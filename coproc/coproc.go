// Package coproc is the boundary between a cloning ceremony and the
// cryptographic coprocessor that holds the keys.
//
// A Coprocessor is opened by package engine, over a chip. An officer logs on to
// it and gets a Session; what the session can do beyond reporting is found by
// asserting one of the capability interfaces: KeyOwner, Registrar, Unregistrar,
// Restarter, Certifier, MasterKeys, Source, Canceller, Target, JournalExporter,
// AccessManager, PassphraseChanger. Without a log-on nothing can be done but
// asking for Failures: see DefaultRole. Each act checks that the officer's role
// permits it, and is done and kept, or not done at all, when the method returns:
// an error means that nothing changed, except where the method says otherwise.
//
// No method returns a private key, a master key, or a share in the clear.
package coproc

import (
	"time"

	"filippo.io/age"
)

// Coprocessor is one device. It is used by one process at a time.
type Coprocessor interface {
	// LogOn checks a profile's passphrase. A wrong passphrase is counted and
	// is ErrPassphrase; with the one that locks the profile it is ErrLocked,
	// too. A locked profile is ErrLocked, without its passphrase being tried.
	// After the right passphrase, a profile that is not active at now is
	// ErrInactive; now is for backends that have no clock of their own. An
	// unknown profile is ErrProfile. The passphrase is compared in its one form
	// (see package passphrase): what none can be is ErrPassphraseForm, and not
	// counted. Where the machine lacks the memory to check it, it is ErrMemory,
	// and not counted. The passphrase is not kept.
	LogOn(profile string, passphrase []byte, now time.Time) (Session, error)
	// Failures is the number of wrong passphrases given for a profile since
	// it last logged on.
	Failures(profile string) (int, error)
	// Close ends every session.
	Close() error
}

// Session is one officer logged on to a coprocessor.
type Session interface {
	// Profile is who is logged on.
	Profile() string
	// Info reports what the coprocessor holds (CCA CSUACFQ). Every profile may ask.
	Info() (Info, error)
	// Access reports roles and profiles. It needs PermAudit or PermManageAccess.
	Access() (Access, error)
	// SignJournal signs the journal of the coprocessor at its count-th record,
	// whose hash is head: with the audit key under cosesig.DomainJournal, and with
	// the key of the officer who is logged on under cosesig.DomainJournalOfficer.
	// The payload of both is JournalSeal. A count that is not larger than the one
	// that CommitJournal remembered is ErrJournal.
	//
	// It is an act, too: Info.Acts, which it returns as it is then, is one more
	// and is kept before the signature exists. So no signed record ever has a
	// higher count than the coprocessor; whoever finds one that has was given
	// an old state of the coprocessor.
	SignJournal(count uint64, head Digest) (JournalSignatures, error)
	// CommitJournal remembers, with the next change that is kept and at the
	// latest at Close, that the journal has count records and this head, so
	// that a journal that was cut is found out. They must be what this session
	// signed last; anything else is ErrJournal. It is called after the record
	// is on the disk.
	CommitJournal(count uint64, head Digest) error
	// Close logs the officer off.
	Close() error
}

// JournalSignatures are what SignJournal gives.
type JournalSignatures struct {
	Acts        uint64 // Info.Acts with these signatures
	Coprocessor []byte // by the audit key
	Officer     []byte // by the key of the officer who is logged on
}

// JournalSeal is the payload that SignJournal signs.
type JournalSeal struct {
	Ceremony CeremonyID `cbor:"1,keyasint"`
	Serial   Serial     `cbor:"2,keyasint"`
	Count    uint64     `cbor:"3,keyasint"`
	Head     Digest     `cbor:"4,keyasint"`
	Profile  string     `cbor:"5,keyasint"` // of the session
	Acts     uint64     `cbor:"6,keyasint"` // Info.Acts with this signature
}

// Info is what a coprocessor reports of itself.
type Info struct {
	Backend   string  // "soft", "tpm", "pkcs11"
	Device    string  // which one of its kind: a TPM's key name, a token's serial number; none of software
	Guards    []Guard // who sees to what: one of each of AllGuarded
	Ceremony  CeremonyID
	Rehearsal bool
	Serial    Serial
	EID       EID
	M, N      int // 0 while not set
	AllowAES  bool
	// Access is AccessDigest of who may do what here: every officer's program
	// compares it with the plan, and the auditor sees what is behind it.
	Access       Digest
	AuditKey     PublicKey
	Officers     []OfficerKey // of each profile
	Registers    []Registers  // one for each class, in the order of Classes
	Retained     []RetainedKey
	SAHash       *Thumbprint // registered hash
	SAHashBy     string
	Unregister   *Thumbprint // the registered hash, while somebody asks to take it back, or to restart
	UnregisterBy string      // who asks
	SAKey        PublicKey   // registered key; zero while there is none
	SAKeyBy      string
	Shares       []ShareTable // share sets being given out
	Receiving    []ShareTable // share sets being received
	JournalCount uint64       // what CommitJournal last remembered
	JournalHead  Digest
	// Acts counts what was ever done with the coprocessor: one more for each
	// act of a session or of its log-on that changed anything, for each
	// certificate and for each record of the journal that was signed, and kept
	// together with what was done. It never goes back.
	Acts uint64
}

// Register returns the registers of one class.
func (i Info) Register(c Class) Registers {
	for _, r := range i.Registers {
		if r.Class == c {
			return r
		}
	}
	return Registers{Class: c}
}

// Key returns the retained key of a node, or nil.
func (i Info) Key(node string) *RetainedKey {
	for k := range i.Retained {
		if i.Retained[k].Node == node {
			return &i.Retained[k]
		}
	}
	return nil
}

// RetainedKey is a key that never leaves the coprocessor.
type RetainedKey struct {
	Node string
	Role NodeRole
	Keys Keys
	By   string // the profile that generated it
}

// KeyOwner makes and uses the retained keys of nodes. A coprocessor that
// holds two nodes keeps their keys apart by node name.
type KeyOwner interface {
	// GenerateKey makes the keys of a node (CCA CSNDPKG RETAIN CLONE) and
	// returns their public halves. It needs PermGenerateKey. A node that has
	// its keys already is ErrKeyExists (8/1025).
	GenerateKey(node string, role NodeRole) (Keys, error)
	// SignBundle signs under cosesig.DomainBundle with the node's Sign key, for
	// whoever makes bundles with it: generates a key or certifies (an SA's);
	// generates a key, obtains a share or cancels (a CSS's); generates a key (a
	// CSR's). What a bundle is worth is decided by what it carries.
	SignBundle(node string, protected, payload []byte) (signature []byte, err error)
	// SignReceipt is SignBundle with the Receipt key of a CSR node. It needs
	// PermSetMasterKey; another node has no such key (ErrNoKey).
	SignReceipt(node string, protected, payload []byte) (signature []byte, err error)
	// Identity opens what was sealed to the node's Box key, for whoever certifies,
	// obtains or installs a share there, and to its Intake key, for whoever audits
	// (an SA and a CSS) or clears a new register (a CSR). Who does neither is
	// ErrAccess. It does not open shares, and is of no use once the session
	// is closed.
	Identity(node string) (age.Identity, error)
}

// Registrar makes a coprocessor trust an SA key, in two acts of two officers.
type Registrar interface {
	// RegisterHash registers the hash of the SA key (CCA CSNDPKH). It needs
	// PermRegisterHash. Registering the same hash again changes nothing;
	// another one is ErrRegistered.
	RegisterHash(Thumbprint) error
	// RegisterKey registers the SA key (CCA CSNDPKR). It needs
	// PermRegisterKey, a hash registered before (ErrNoHash, 8/1033) by another
	// profile (ErrSameProfile) and equal to the key's (ErrHashDiffers,
	// 8/1039). Another key than the registered one is ErrRegistered.
	RegisterKey(PublicKey) error
}

// Unregistrar takes back the hash of an SA key that is not registered: one
// that was mistyped, or made up. It takes two acts of two officers, as what it
// undoes is half of one. Once the SA key is registered its hash stays. CCA has
// no such verb.
type Unregistrar interface {
	// AskUnregister asks for the registered hash to be taken back, and changes
	// nothing else. It needs PermAskUnregister, a registered hash (ErrNoHash),
	// which is this one (ErrRegistered), and no SA key (ErrKeyRegistered).
	// Asking again changes nothing. Registering the SA key ends the request.
	AskUnregister(Thumbprint) error
	// WithdrawUnregister ends the request. It needs PermAskUnregister. Where
	// there is none nothing changes.
	WithdrawUnregister() error
	// UnregisterHash takes the registered hash back, so that RegisterHash
	// begins anew. It needs PermUnregisterHash, what AskUnregister needs, and a
	// request (ErrNotAsked); it is done by another profile than the ones that
	// asked and that registered the hash (ErrSameProfile).
	UnregisterHash(Thumbprint) error
}

// Restarter has a source or a target begin anew without losing its master key:
// when the SA is lost, or the source's certificate was taken back. It takes two
// acts of two officers, as what it undoes did. CCA has no such verb.
type Restarter interface {
	// AskRestart asks for it, and changes nothing else. It needs
	// PermAskUnregister, a registered SA key (ErrNoSAKey) whose hash is this one
	// (ErrRegistered). Asking again changes nothing.
	AskRestart(Thumbprint) error
	// WithdrawRestart ends the request. It needs PermAskUnregister. Where there
	// is none nothing changes.
	WithdrawRestart() error
	// Restart forgets the keys of every CSS and CSR node here, all share sets
	// that are given out or received, a new register that shares made, and, where
	// the SA's own key is not here, the registered SA key and its hash. All else
	// stays: the master-key registers, the audit key, profiles, counts. It needs
	// PermUnregisterHash, what AskRestart needs, and a request (ErrNotAsked); it
	// is done by another profile than the ones that asked and that registered
	// the hash (ErrSameProfile).
	Restart(Thumbprint) error
}

// Certifier signs with the SA key.
type Certifier interface {
	// Certify signs claims with the SA key of node sa. It needs PermCertify. It
	// changes nothing but Info.Acts.
	Certify(sa string, c Claims) (Certificate, error)
}

// Part says which part of a master key is loaded.
type Part string

// The parts, in CCA's words (CSNBMKP).
const (
	First  Part = "FIRST"
	Middle Part = "MIDDLE"
	Last   Part = "LAST"
)

// MasterKeys works on the master-key registers (CCA CSNBMKP, CSNBKYT).
type MasterKeys interface {
	// LoadPart XORs a part, as long as a key of the class, into the new
	// register. First needs PermLoadFirstPart and an empty register; Middle
	// and Last need PermCombinePart, a partly full one, and another profile
	// than the one that loaded the first part (ErrSameProfile). Last fills it.
	LoadPart(c Class, p Part, key []byte) (Registers, error)
	// GenerateMasterKey fills the empty new register at random, with odd
	// parity for SYM-MK. It needs PermRandomMasterKey.
	GenerateMasterKey(c Class) (Registers, error)
	// ClearNew empties the new register and whatever shares made it. It needs
	// PermClearNew.
	ClearNew(c Class) (Registers, error)
	// VerifyNew computes the pattern of the new register. Where the register
	// was built from shares it is compared with the source's statement:
	// ErrPattern says that they differ, and the register cannot be set. It
	// needs PermVerifyPattern.
	VerifyNew(c Class) (Verification, error)
	// SetMasterKey moves current to old and new to current, and empties new
	// and the share tables of the class. It needs PermSetMasterKey, a full new
	// register (ErrRegister), no weak key (ErrWeakKey, 8/703), another pattern
	// than current and old (ErrSameKey, 8/704), and, where shares built the
	// key, a VerifyNew that found it good (ErrNotVerified).
	SetMasterKey(c Class) (Registers, error)
}

// Verification is what VerifyNew found.
type Verification struct {
	New      Pattern
	Expected Pattern // from the source's statement; zero where no shares were installed
	Shares   bool    // the new register was built from shares
}

// ObtainRequest asks for one share.
type ObtainRequest struct {
	Source  string // the CSS node
	Target  []byte // the target's certificate
	Class   Class
	Index   int    // 1 … n
	Context Digest // bound into the sealed share: the digest of the bundle's header
	Now     time.Time
}

// Source gives out shares of the current master key (CCA CSUAMKD OBTAIN).
type Source interface {
	// BeginShareSet checks all that Obtain checks, splits the current master key for
	// the target unless that was done, and returns the id of the share set:
	// the header of a share's bundle has it, and Obtain binds that header.
	BeginShareSet(ObtainRequest) (ShareSetID, error)
	// Obtain seals one share to the target. The first BeginShareSet or Obtain
	// for a target splits the key; the split is kept, so that every share of
	// the set fits.
	// It needs ObtainShare(index), a registered SA key, a target certificate
	// that it signed for a CSR node, and a full current register. A share that
	// was obtained but not yet distributed is sealed again; one that was
	// distributed is ErrShareDone. A master key that changed since the split
	// is ErrOtherMasterKey. AES-MK and APKA-MK are ErrClass unless set up
	// otherwise.
	Obtain(ObtainRequest) (sealed []byte, err error)
	// MarkDistributed records that the share obtained last for that index is kept
	// by the node and may be handed out. Repeating it changes nothing.
	MarkDistributed(target string, index int) error
	// GiveUp says that a share will not be obtained. It needs
	// ObtainShare(index); at least m must remain.
	GiveUp(target string, index int) error
	// SignStatement signs the statement of the share set, once every share was
	// distributed or given up (else ErrShareState). It signs the same
	// statement each time. Every profile that may obtain a share may ask.
	SignStatement(source, target string) (statement []byte, err error)
}

// Canceller voids share sets.
type Canceller interface {
	// Cancel forgets the share set for a target, done or not, so that the next
	// Obtain for it begins another one, be it of another class or for another
	// certificate. It needs PermCancel. Where there is none nothing changes.
	// Shares that were given out are not undone by it.
	Cancel(target string) error
}

// Target receives shares (CCA CSUAMKD INSTALL).
type Target interface {
	// AcceptStatement checks the source's certificate and statement against
	// the registered SA key, this coprocessor and its m and n, and prepares
	// the share table. It needs InstallShare of any index. The same statement
	// again changes nothing; another one is ErrShareSet.
	AcceptStatement(a StatementAccept) error
	// Install opens one sealed share, checks all that its signature covers
	// against the accepted statement, and keeps it. It needs
	// InstallShare(index). The m-th share fills the new register: done is
	// then true (CCA 4/1024). The same share again is ErrShareDone.
	Install(node string, index int, sealed []byte, context Digest) (done bool, err error)
	// Void is what a target does when the source has cancelled a share set:
	// the statement and what was installed of the set are forgotten, a new
	// register that it made is emptied, and the set is ErrVoid from then on. A
	// master key that was set already stays. It needs PermClearNew. Voiding
	// it again changes nothing.
	Void(node string, set ShareSetID) error
}

// JournalExporter signs what brings a journal to those who read it elsewhere.
type JournalExporter interface {
	// SignExport signs a bundle with the audit key, under
	// cosesig.DomainBundle. It needs PermAudit.
	SignExport(protected, payload []byte) (signature []byte, err error)
}

// StatementAccept is what Target.AcceptStatement checks.
type StatementAccept struct {
	Node        string // the CSR node
	Certificate []byte // of the source
	Statement   []byte
	Now         time.Time
}
