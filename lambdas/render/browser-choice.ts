import { posix, win32 } from 'node:path'

export type Machine = {
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly env: Readonly<Record<string, string | undefined>>
}

type Choice =
  | { readonly kind: 'named' | 'installed'; readonly path: string }
  | { readonly kind: 'bundled' }
  | { readonly kind: 'none'; readonly places: readonly string[] }

/** An installed browser is used only without a bundled one, which alone guarantees identical bytes. */
export const chooseBrowser = (
  machine: Machine,
  named: string | undefined,
  isThere: (path: string) => boolean,
): Choice => {
  if (named) return { kind: 'named', path: named }
  if (isBundledFor(machine)) return { kind: 'bundled' }
  const places = usualPlaces(machine)
  const path = places.find(isThere)
  return path === undefined ? { kind: 'none', places } : { kind: 'installed', path }
}

/** @sparticuz/chromium has a headless shell for this platform only. */
export const isBundledFor = ({ platform, arch }: Pick<Machine, 'platform' | 'arch'>): boolean =>
  platform === 'linux' && arch === 'x64'

/** Chrome before Chromium before Edge; system-wide before per-user; absolute paths only. */
export const usualPlaces = ({ platform, env }: Pick<Machine, 'platform' | 'env'>): readonly string[] => {
  if (platform === 'win32') {
    const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean) as string[]
    return windowsPrograms.flatMap((program) => roots.map((root) => win32.join(root, program)))
  }
  if (platform === 'darwin') {
    const roots = ['/Applications', ...(env.HOME ? [posix.join(env.HOME, 'Applications')] : [])]
    return macApplications.flatMap((name) => roots.map((root) => `${root}/${name}.app/Contents/MacOS/${name}`))
  }
  return linuxPrograms.flatMap((name) => ['/usr/bin', '/usr/local/bin'].map((root) => `${root}/${name}`))
}

const windowsPrograms = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
]

const macApplications = ['Google Chrome', 'Chromium', 'Microsoft Edge']

/** Not /snap/bin: a snap sees neither our fonts nor our profile. */
const linuxPrograms = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge-stable']

/**
 * Built from scratch: the browser gets none of the host's variables, above all credentials. Windows starts no program
 * without its system folder.
 */
export const environmentOf = ({ platform, env }: Pick<Machine, 'platform' | 'env'>, profile: string) => {
  const always = { HOME: profile, TMPDIR: profile, TZ: 'UTC', LANG: 'C.UTF-8' }
  if (platform !== 'win32') return { ...always, PATH: '/usr/local/bin:/usr/bin:/bin' }
  const system = env.SystemRoot ?? env.SYSTEMROOT ?? 'C:\\Windows'
  const folders = ['TEMP', 'TMP', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'].map((name) => [name, profile] as const)
  return { ...always, ...Object.fromEntries(folders), SystemRoot: system, PATH: win32.join(system, 'System32') }
}
