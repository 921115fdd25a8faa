/* Nothing that root could do is left to a parser. Capabilities were seen to survive exec where a
 * service manager gives ambient ones (CAP_DAC_READ_SEARCH for reading all of a share). */
#include "worker/lockdown.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of 65000 to 65533, which Debian reserves and gives to nobody (policy 9.2.2), and above the range
 * from which systemd takes dynamic users. */
enum { PRIVILEGES_ID = 65530, PRIVILEGES_CAPS_MAX = 64 };

static int privileges_set(const struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct copy[2] = {data[0], data[1]};
    return (int)syscall(SYS_capset, &header, copy);
}

static bool privileges_get(struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    memset(data, 0, 2 * sizeof *data);
    return syscall(SYS_capget, &header, data) == 0;
}

bool sp_privileges_any(void)
{
    struct __user_cap_data_struct data[2];
    if (!privileges_get(data) || geteuid() == 0 || getegid() == 0)
        return true;
    uint32_t any = 0;
    for (size_t i = 0; i < 2; i++)
        any |= data[i].effective | data[i].permitted | data[i].inheritable;
    for (unsigned long cap = 0; cap < PRIVILEGES_CAPS_MAX; cap++)
        any |= prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1;
    return any != 0;
}

/* The bounding set can only be emptied by who has CAP_SETPCAP: for others it holds nothing that
 * they could get, as they gain no privileges by exec. */
static enum sp_err privileges_bounding(struct sp_why *why)
{
    struct __user_cap_data_struct data[2];
    if (!privileges_get(data) || (data[0].effective >> CAP_SETPCAP & 1) == 0)
        return SP_OK;
    for (unsigned long cap = 0; cap < PRIVILEGES_CAPS_MAX; cap++) {
        if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
            return sp_fail(why, SP_ERR_IO, "cannot give up capability %lu: %s", cap,
                           strerrordesc_np(errno));
    }
    return SP_OK;
}

enum sp_err sp_privileges_drop(bool *changed, struct sp_why *why)
{
    static const struct __user_cap_data_struct none[2];
    enum sp_err err = privileges_bounding(why);
    *changed = geteuid() == 0 || getuid() == 0;
    if (err != SP_OK)
        return err;
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* kernels since 4.3 */
    if (*changed &&
        (setgroups(0, NULL) != 0 || setresgid(PRIVILEGES_ID, PRIVILEGES_ID, PRIVILEGES_ID) != 0 ||
         setresuid(PRIVILEGES_ID, PRIVILEGES_ID, PRIVILEGES_ID) != 0))
        return sp_fail(why, SP_ERR_IO, "cannot become another user than root: %s",
                       strerrordesc_np(errno));
    if (privileges_set(none) != 0)
        return sp_fail(why, SP_ERR_IO, "cannot give up capabilities: %s", strerrordesc_np(errno));
    if (*changed && sp_privileges_any())
        return sp_fail(why, SP_ERR_IO, "privileges are left after giving them up");
    return SP_OK;
}
