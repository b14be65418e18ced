package ceremony

import "github.com/gapferry/gapferry/bundle"

// askAsTarget asks the SA to certify a target's key.
func (r *establishing) askAsTarget(at) error {
	if err := r.request(bundle.KindCSRKey, ""); err != nil {
		return err
	}
	return r.handOverAndShowKeys(bundle.KindCSRKey, "one for the SA and one for the source")
}
