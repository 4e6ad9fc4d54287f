// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright 2026 the Hearthgate authors
 *
 * A restart with the argument "0 tryboot" starts the other system of a Raspberry Pi once. The argument reaches the
 * firmware as a flag that has to be set before the machine restarts. The vendor's kernel does that in its driver of
 * the firmware; the mainline driver, and so Debian's kernel, has everything for it but the call, which is made here.
 *
 * https://www.raspberrypi.com/documentation/computers/raspberry-pi.html#fail-safe-os-updates-tryboot
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/of.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

/* Tags of the firmware's mailbox that the mainline header does not name. */
#define GET_REBOOT_FLAGS	0x00030064
#define SET_REBOOT_FLAGS	0x00038064
#define TRYBOOT			BIT(0)

/* What the firmware never says: a tag that it does not know leaves the value as it was. */
#define UNANSWERED		((u32)~0)

static bool ready;
module_param(ready, bool, 0444);
MODULE_PARM_DESC(ready, "the firmware of this board can be asked to try the other system (set by the module itself)");

/* Sends *flags with the tag, and puts there what the firmware answers. */
static int ask_firmware(u32 tag, u32 *flags)
{
	struct device_node *node = rpi_firmware_find_node();
	struct rpi_firmware *firmware;
	int error;

	if (!node)
		return -ENODEV;
	firmware = rpi_firmware_get(node);
	of_node_put(node);
	if (!firmware)
		return -EAGAIN;
	error = rpi_firmware_property(firmware, tag, flags, sizeof(*flags));
	rpi_firmware_put(firmware);
	return error;
}

static int knows_trials(void)
{
	u32 flags = UNANSWERED;
	int error = ask_firmware(GET_REBOOT_FLAGS, &flags);

	if (error)
		return error;
	return flags == UNANSWERED ? -EOPNOTSUPP : 0;
}

/* The argument is the number of a partition, then words: a word alone is none of ours. */
static bool is_trial(unsigned long action, const char *argument)
{
	return action == SYS_RESTART && argument && strstr(argument, " tryboot");
}

static int before_restart(struct notifier_block *block, unsigned long action, void *argument)
{
	u32 flags = TRYBOOT;
	int error;

	if (!is_trial(action, argument))
		return NOTIFY_DONE;
	error = ask_firmware(SET_REBOOT_FLAGS, &flags);
	if (error)
		pr_err("the firmware was not told of the trial (%d): the usual system starts\n", error);
	else
		pr_info("the other system starts, once\n");
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = before_restart };

static int __init hearthgate_tryboot_init(void)
{
	int error = knows_trials();

	ready = !error;
	if (error)
		pr_info("no firmware that can be asked for a trial (%d)\n", error);
	return register_reboot_notifier(&notifier);
}

static void __exit hearthgate_tryboot_exit(void)
{
	unregister_reboot_notifier(&notifier);
}

module_init(hearthgate_tryboot_init);
module_exit(hearthgate_tryboot_exit);

MODULE_DESCRIPTION("Has the firmware of a Raspberry Pi try the other system at a restart");
MODULE_AUTHOR("the Hearthgate authors");
MODULE_LICENSE("GPL");
