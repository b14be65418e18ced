package ceremony

import (
	"crypto/ed25519"
	"os"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// The example of bundle/FORMAT.md §12 has the key card that officers of that node
// would write down: whoever makes another node can print one.
func TestKeyCardOfFormat(t *testing.T) {
	t.Parallel()
	sign, err := cosesig.NewPublicKey(ed25519.NewKeyFromSeed([]byte("gapferry FORMAT.md example seed!")).Public())
	if err != nil {
		t.Fatal(err)
	}
	keys := coproc.Keys{Sign: sign, Box: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", Audit: sign, Intake: "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z", Officers: coproc.DigestOf([]byte("the officers of SOFT0002"))}
	text, err := os.ReadFile("../../../bundle/FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "| key card of the keys inside | `" + keyCard(keys) + "` |"; !strings.Contains(string(text), want) {
		t.Errorf("FORMAT.md does not say %s", want)
	}
}
