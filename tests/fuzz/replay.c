/* Runs one fuzz target over the files named on the command line, without a fuzzer: what was found
 * once stays mended. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    enum { ROOM = 4 << 20 };
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(ROOM);
    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    size_t len = fread(bytes, 1, ROOM, file);
    fclose(file);
    uint8_t *exact = malloc(len); /* so that a read beyond the end is seen; of nothing maybe NULL */
    if (exact == NULL && len > 0)
        return 1;
    for (size_t i = 0; i < len; i++)
        exact[i] = bytes[i];
    free(bytes);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    if (LLVMFuzzerInitialize != NULL)
        (void)LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        failed |= replay_file(argv[i]);
    printf("%d inputs replayed\n", argc - 1);
    return failed;
}
