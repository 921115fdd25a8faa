/* What reading files costs at the least: opens, reads and closes each file named on standard input.
 * Built by tests/bench/run. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    static char path[4096], block[65536];
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        int fd = open(path, O_RDONLY);
        if (fd < 0)
            return 1;
        while (read(fd, block, sizeof block) > 0)
            ;
        close(fd);
    }
    return 0;
}
