package procedure

// Officer is an entry of the plan's officers at a node: it names the profile
// that does something there, or, of shares, one profile for each share.
type Officer string

// The entries, as a plan spells them. SA, CSS and CSR say which nodes have one
// where not all have.
const (
	Auditor          Officer = "audit"
	KeyOfficer       Officer = "generate-key"
	HashOfficer      Officer = "register-hash"
	KeyRegistrar     Officer = "register-key"
	Certifier        Officer = "certify"           // SA
	MasterKeyOfficer Officer = "obtain-master-key" // CSS
	ShareObtainer    Officer = "obtain-shares"     // CSS, one for each share
	ShareInstaller   Officer = "install-shares"    // CSR, one for each share
	Verifier         Officer = "verify"            // CSR
	Setter           Officer = "set"               // CSR; CSS where its key is loaded with gapferry
	FirstPartOfficer Officer = "first-part"        // CSS and CSR, may be empty
	LastPartOfficer  Officer = "last-part"         // CSS and CSR, may be empty
	Randomizer       Officer = "random"            // CSS and CSR, may be empty
	Canceller        Officer = "cancel"            // CSS, may be empty
)

// PerShare reports whether the entry names one profile for each share.
func (o Officer) PerShare() bool { return o == ShareObtainer || o == ShareInstaller }
