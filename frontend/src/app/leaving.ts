import { logout, logoutEverywhere } from "@/api/auth";
import { errorText } from "@/shared/i18n/errors";
import { toast } from "@/shared/ui/toast";

export const leave = () => void tried(logout);
export const leaveEverywhere = () => void tried(logoutEverywhere);

/** A failure is said: whoever believes to be logged out must be. */
async function tried(leave: () => Promise<void>): Promise<void> {
  try {
    await leave();
  } catch (error) {
    toast(errorText(error), { tone: "error" });
  }
}
