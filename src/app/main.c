/* speur: find personal data, and say whether a backup may be restored. */
#include "app/app.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

volatile int sp_app_stop;

static void main_stop(int signal_number)
{
    (void)signal_number;
    sp_app_stop = 1;
}

static void main_help(void)
{
    (void)printf("speur finds personal data in backups, mailboxes and shares, and says what may be "
                 "restored.\n\nUsage: speur COMMAND [OPTION...] [PATH...]\n\n");
    for (const struct sp_command *command = sp_commands; command->name != NULL; command++)
        (void)printf("  %-9s %-28s %s\n", command->name, command->args, command->purpose);
    (void)printf("\nspeur COMMAND --help lists its options. Options may be given as --name=value.\n"
                 "Defaults can be set by SPEUR_INVENTORY, SPEUR_KEY, SPEUR_REGISTER, "
                 "SPEUR_PATTERNS and SPEUR_REGION.\n");
}

static void main_command_help(const struct sp_command *command)
{
    (void)printf("speur %s - %s\n\nUsage: speur %s [OPTION...]%s%s\n\n", command->name,
                 command->purpose, command->name, command->args[0] != '\0' ? " " : "",
                 command->args);
    sp_options_help(stdout, command->options);
    if (command->more != NULL)
        (void)printf("\n%s", command->more);
}

static int main_unknown(const char *word)
{
    const char *names[16];
    size_t count = 0;
    for (const struct sp_command *command = sp_commands;
         command->name != NULL && count + 1 < sizeof names / sizeof names[0]; command++)
        names[count++] = command->name;
    names[count] = NULL;
    const char *near = sp_nearest(word, names);
    struct sp_why why = {""};
    enum sp_err err =
        near == NULL
            ? sp_fail(&why, SP_ERR_USAGE, "no command %.64s (--help lists them)", word)
            : sp_fail(&why, SP_ERR_USAGE, "no command %.64s; did you mean %s?", word, near);
    return sp_complain(err, &why);
}

/* What is found must not lie in a core dump, nor be read by a debugger of the same user, nor in
 * files that others may read. */
static enum sp_err main_protect(struct sp_why *why)
{
    const struct rlimit none = {0, 0};
    struct sigaction stop = {.sa_handler = main_stop};
    /* a closed one would be taken by the first file that is opened, and written to or read */
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return sp_fail(why, SP_ERR_IO, "cannot open /dev/null");
    (void)umask(077);
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return sp_fail(why, SP_ERR_IO, "cannot switch core dumps off");
    (void)sigemptyset(&stop.sa_mask);
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may grow no more is told like a full disk */
    /* one thread yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return sp_seal_init(why);
}

static int main_run(const struct sp_command *command, int argc, char **argv)
{
    struct sp_why why = {""};
    struct sp_options options;
    enum sp_err err = sp_options_parse(argc, argv, command->options, &options, &why);
    if (err != SP_OK)
        return sp_complain(err, &why);
    if (options.help) {
        main_command_help(command);
        return 0;
    }
    if (options.version) {
        (void)printf("speur %s\n", SPEUR_VERSION);
        return 0;
    }
    err = main_protect(&why);
    if (err == SP_OK)
        err = sp_app_outputs_differ(&options, &why);
    return err == SP_OK ? command->run(&options) : sp_complain(err, &why);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        main_help();
        return argc > 1 ? 0 : sp_err_exit_status(SP_ERR_USAGE);
    }
    if (strcmp(word, "--version") == 0) {
        (void)printf("speur %s\n", SPEUR_VERSION);
        return 0;
    }
    for (const struct sp_command *command = sp_commands; command->name != NULL; command++)
        if (strcmp(word, command->name) == 0)
            return main_run(command, argc - 2, argv + 2);
    return main_unknown(word);
}
