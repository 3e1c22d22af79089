import type { NewestVersions } from '../../domain/checkup/archive-findings.ts'
import { archiveKey, editionOf, editionPrefix, manifestName, manifestSchema } from '../../domain/report/manifest.ts'
import type { VersionEntry } from '../../store/reports/reports.ts'
import type { Services } from '../services.ts'
import { verifyArchive } from './verify-archive.ts'

/** Each edition of these versions is checked from version 1, because each version proves the previous one. */
const newestCount = 3

export const newestVersions = async ({
  archive,
  reports,
  signer,
}: Pick<Services, 'archive' | 'reports' | 'signer'>): Promise<NewestVersions> => {
  const entries = await Array.fromAsync(reports.all())
  const archived = entries.filter(({ published, held }) => published ?? held)
  const newest = archived.toSorted((a, b) => (a.asOf < b.asOf ? 1 : -1)).slice(0, newestCount)
  const prefixes = [...new Set(newest.map((entry) => editionPrefix(editionOf(entry))))]
  const isLooked = (entry: VersionEntry) => prefixes.includes(editionPrefix(editionOf(entry)))
  const { problems, versions } = await verifyArchive({
    signer,
    reports: {
      ...reports,
      all: async function* () {
        yield* entries.filter(isLooked)
      },
    },
    archive: {
      ...archive,
      list: async function* () {
        for (const prefix of prefixes) yield* archive.list(prefix)
      },
      strays: async function* () {},
    },
  })
  const [last] = newest
  return {
    all: archived.length,
    looked: versions,
    problems,
    program: last === undefined ? null : await programOf(last, archive),
  }
}

const programOf = async (entry: VersionEntry, archive: Services['archive']): Promise<string | null> => {
  try {
    const bytes = await archive.get(archiveKey(editionOf(entry), entry.version, manifestName))
    return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).program
  } catch {
    return null
  }
}
