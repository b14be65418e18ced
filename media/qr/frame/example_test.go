package frame_test

import (
	"fmt"

	"github.com/gapferry/gapferry/media/qr/frame"
)

// A payload becomes texts for codes, one code each; behind the first Need of
// them any others stand in for those that were not read.
func ExampleSplit() {
	set, err := frame.Split([]byte("Carried by hand, read by camera."), frame.Base45, 54)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Need(), "codes are needed; the first is")
	fmt.Println(set.Text(0, 0))

	c := frame.NewCollector()
	for _, index := range []int{2, 5, 7} { // 0 and 1 were smudged
		if e := c.Add(set.Text(index, 0)); e.Data != nil {
			fmt.Printf("%s\n", e.Data)
		}
	}
	// Output:
	// 3 codes are needed; the first is
	// GF1A710ZMNI35CP00QNT*UBPGW003H0EN83LEQEDRTC9KC434- V72
	// Carried by hand, read by camera.
}
