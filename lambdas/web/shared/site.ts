/** What groups of paths share: how their pages are dressed, and what they work with. */
import type { Organisation } from '../../domain/report/organisation.ts'
import type { Log } from '../../usecases/links/open-link.ts'
import type { Readers } from '../../usecases/links/reader-actions.ts'
import type { Pages } from '../links/pages.ts'

/** How pages are dressed. */
export type Dress = { readonly organisation: Organisation; readonly styleSheet: string }

/** What a group of paths works with. */
export type Site = { readonly readers: Readers; readonly log: Log; readonly pages: Pages }
