import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Searches upwards: templates/ is two levels up in a checkout, in the same folder in a bundle. */
export const templateFolder = (holds: 'mail' | 'pages'): string => {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'templates')
    if (existsSync(join(candidate, holds))) return candidate
    if (folder === dirname(folder)) break
  }
  throw new Error(`No folder templates/${holds} above ${import.meta.dirname}: copy it next to the bundle`)
}

/** Report partials that the reading room also prints; its bundle must contain them. */
export const partialsOfRoom = ['note', 'segments', 'words', 'cell', 'dossier-table'] as const
