/* speur-ocr: reads the words of pictures, where it can do no harm: a speur-worker with tesseract in
 * it and nothing else to read with. Started by speur, not by hand. */
#include "ocr/read.h"
#include "ocr/recognise.h"
#include "worker/serve.h"

int main(int argc, char **argv)
{
    static const struct sp_worker_program program = {.name = "speur-ocr",
                                                     .open = sp_recognise_open,
                                                     .about_level = true,
                                                     .read = sp_ocr_read,
                                                     .close = sp_recognise_close};
    return sp_worker_main(argc, argv, &program);
}
