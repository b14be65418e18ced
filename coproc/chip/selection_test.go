package chip

import (
	"errors"
	"strings"
	"testing"

	"github.com/gapferry/gapferry/coproc"
)

func TestParseSelection(t *testing.T) {
	for _, test := range []struct {
		text  string
		want  Selection
		words string
	}{
		{"soft", Selection{}, "software coprocessor"},
		{"soft+tpm:/dev/tpmrm0", Selection{Path: "/dev/tpmrm0"}, "software coprocessor bound to a TPM"},
		{"tpm:/dev/tpmrm1", Selection{Family: coproc.TPM, Path: "/dev/tpmrm1"}, "TPM 2.0 coprocessor"},
		{"tpm:unix:/run/a b.sock", Selection{Family: coproc.TPM, Path: "unix:/run/a b.sock"}, "TPM 2.0 coprocessor"},
		{"pkcs11:token=my%20hsm;serial=a%3Bb?module-path=/usr/lib/x.so", Selection{Family: coproc.PKCS11, Token: URI{
			Token: "my hsm", Serial: "a;b", ModulePath: "/usr/lib/x.so", text: "pkcs11:token=my%20hsm;serial=a%3Bb?module-path=/usr/lib/x.so",
		}}, "PKCS#11 coprocessor"},
		{"pkcs11:serial=1+1;slot-id=3?module-name=x&module-path=/m", Selection{Family: coproc.PKCS11, Token: URI{
			Serial: "1+1", Slot: "3", ModulePath: "/m", ModuleName: "x", text: "pkcs11:serial=1+1;slot-id=3?module-name=x&module-path=/m",
		}}, "PKCS#11 coprocessor"},
	} {
		got, err := ParseSelection(test.text)
		if err != nil || got != test.want {
			t.Errorf("%s: %+v, error %v", test.text, got, err)
			continue
		}
		if got.String() != test.text {
			t.Errorf("%s is written %s", test.text, got)
		}
		if got.Words() != test.words {
			t.Errorf("%s: %q", test.text, got.Words())
		}
	}
}

func TestParseSelectionRefused(t *testing.T) {
	for text, says := range map[string]string{
		"":                                       "none of: soft",
		"hsm":                                    "none of: soft",
		"SOFT":                                   "none of: soft",
		"tpm":                                    "names no device",
		"soft+tpm":                               "names no device",
		"tpm:":                                   "no path from the root",
		"tpm:tpmrm0":                             "no path from the root",
		"tpm:unix:":                              "no path from the root",
		"tpm:unix:run.sock":                      "no path from the root",
		"tpm:/dev/../dev/tpmrm0":                 "no path from the root",
		"tpm:unix:/a\nb":                         "control characters",
		"tpm:/dev/tpm0":                          "name /dev/tpmrm0",
		"soft+tpm:/dev/tpm1":                     "name /dev/tpmrm1",
		"pkcs11:":                                "names no token",
		"pkcs11:token=a":                         "names no module",
		"pkcs11:token=a?module-path=x.so":        "names no module",
		"pkcs11:?module-path=/x":                 "names no token",
		"pkcs11:token=a;token=b?module-path=/x":  "twice",
		"pkcs11:token=a;object=k?module-path=/x": "not used to name a token",
		"pkcs11:token=a?module-path=/x&pin-value=1234":      "the PIN is asked for",
		"pkcs11:token=a?module-path=/x&pin-source=/etc/pin": "the PIN is asked for",
		"pkcs11:token=a;PIN-VALUE=1234?module-path=/x":      "not used to name a token",
		"PKCS11:token=a;pin-value=1234?module-path=/x":      "none of: soft",
		"pkcs11:token=a;pin-value=12?module-path=/x":        "the PIN is asked for",
		"pkcs11:token=%zz?module-path=/x":                   "not encoded",
		"pkcs11:token=a%0ab?module-path=/x":                 "not encoded",
		"pkcs11:token=a;slot-id=x?module-path=/x":           "decimal",
		"pkcs11:token=" + strings.Repeat("a", maxURI):       "no PKCS#11 URI",
	} {
		got, err := ParseSelection(text)
		if !errors.Is(err, ErrSelection) || got != (Selection{}) {
			t.Errorf("%q: %+v, error %v", text, got, err)
		} else if !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "1234") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
