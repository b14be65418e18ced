package detect

import (
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// DecodeGozxing reads a picture as gozxing does by itself (hybrid binarizer,
// TRY_HARDER). It is for a writer's check that other people's readers read
// what was written: gozxing misses 6.4 % of perfect codes, and another nonce
// makes another code.
func DecodeGozxing(img *image.Gray) (text string, ok bool) {
	if img == nil || img.Rect.Empty() {
		return "", false
	}
	return guarded(func() (string, bool) {
		bm, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			return "", false
		}
		res, err := qrcode.NewQRCodeReader().Decode(bm, map[gozxing.DecodeHintType]any{
			gozxing.DecodeHintType_TRY_HARDER:    true,
			gozxing.DecodeHintType_CHARACTER_SET: "ISO-8859-1",
		})
		if err != nil || res == nil {
			return "", false
		}
		return textOf(res.GetText()), true
	})
}
