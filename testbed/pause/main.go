// Command pause is the one program of the image that the nodes cannot do without. Started bare it
// holds a pod's namespaces open: it waits to be told to stop, and reaps the processes it inherits when
// the pod shares its process namespace. Started by local-path-provisioner, it makes or removes the
// folder of a volume, so that no image with a shell has to be on every node for that.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	path := flag.String("p", "", "folder of a volume")
	action := flag.String("a", "", "create or delete")
	flag.String("s", "", "size of the volume in bytes; a folder has no limit")
	flag.String("m", "", "mode of the volume; only Filesystem")
	flag.Parse()
	switch *action {
	case "":
		pause()
	case "create":
		exit(create(*path))
	case "delete":
		exit(os.RemoveAll(*path))
	default:
		exit(fmt.Errorf("unknown action %q: give create or delete", *action))
	}
}

// create makes the folder writable for any user whatever the umask, as local-path-provisioner's own script does.
func create(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	return os.Chmod(path, 0o777)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
