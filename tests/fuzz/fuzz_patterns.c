/* The loader of pattern files: any bytes are a file; one that loads must have a filter that loses
 * nothing over its own text. */
#include "judge.h"
#include "speur/patterns.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/speur-fuzz.XXXXXX", path[sizeof folder + 8];

static void tidy(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    if (mkdtemp(folder) == NULL)
        abort();
    (void)snprintf(path, sizeof path, "%s/x.pat", folder);
    (void)atexit(tidy);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sp_patterns *patterns = NULL;
    struct sp_why why = {""};
    size_t differ = 0;
    FILE *file = fopen(path, "wb");
    if (size > 5000 || file == NULL || fwrite(data, 1, size, file) != size) {
        if (file != NULL)
            (void)fclose(file);
        return 0;
    }
    (void)fclose(file);
    if (sp_patterns_load(folder, &patterns, &why) != SP_OK) {
        assert(patterns == NULL && why.text[0] != '\0');
        return 0;
    }
    if (sp_patterns_verify(patterns, (struct sp_slice){data, size}, NULL, &differ, &why) == SP_OK)
        assert(differ == 0);
    sp_patterns_free(patterns);
    return 0;
}
