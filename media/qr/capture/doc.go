// Package capture turns what a room has — photos in a folder, frames from any
// capture program, a camera — into grey pictures for a reader of QR codes.
//
// A Source gives one Picture after another:
//
//	OpenFolder(dir, false)         the PNG, JPEG and PNM files of a folder and of its *.db folders
//	OpenFolder(dir, true)          the same, and those that arrive until the context ends
//	OpenStream(r, EveryFrame)      a recording through a pipe: no frame is lost
//	OpenStream(r, NewestFrame)     a live stream: a slow reader always gets the newest frame
//	OpenCamera("")                 the only camera of a Linux machine (V4L2)
//
// One bad picture is a *PictureError and the source goes on; whatever comes
// with it was made outside and is escaped and bounded in its text.
//
// # Feeding frames from another program
//
// A stream tells by its first bytes what it is, so nothing else needs to be
// said: YUV4MPEG2, PNM (P5, P6), JPEG or PNG pictures, one after another.
// With ffmpeg, the first line is the best:
//
//	ffmpeg -loglevel error -f v4l2 -video_size 1280x720 -i /dev/video0 -pix_fmt gray -f yuv4mpegpipe -
//	ffmpeg -loglevel error -f v4l2 -input_format mjpeg -video_size 1920x1080 -i /dev/video0 -c:v copy -f mjpeg -
//	ffmpeg -loglevel error -f avfoundation -framerate 30 -i 0 -pix_fmt gray -f yuv4mpegpipe -
//	ffmpeg -loglevel error -f dshow -i "video=NAME OF THE CAMERA" -pix_fmt gray -f yuv4mpegpipe -
//	ffmpeg -loglevel error -i film.mp4 -pix_fmt gray -f yuv4mpegpipe -
//	ffmpeg -loglevel error -i film.mp4 -c:v pgm -f image2pipe -
//	ffmpeg -loglevel error -i film.mp4 -pix_fmt gray -c:v png -f image2pipe -
//
// The lines are for macOS (avfoundation) and Windows (dshow) too, where this
// package knows no camera of its own.
package capture
