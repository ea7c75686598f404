// Light or dark: chosen once, kept in this browser; the page's first script applies it before anything is painted.
import { useSyncExternalStore } from "react";

const KEY = "elasticdash.theme";
const listeners = new Set<() => void>();

const isDark = () => document.documentElement.classList.contains("dark");

export function toggleTheme(): void {
  const dark = !isDark();
  document.documentElement.classList.toggle("dark", dark);
  try {
    localStorage.setItem(KEY, dark ? "dark" : "light");
  } catch {
    // Storage may be closed: the choice lasts until the page is left.
  }
  for (const listener of listeners) listener();
}

export function useIsDark(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isDark);
}
