/**
 * Whether a page can lead to other reports: a file of a bucket is opened by an address of its own, from which no other
 * is reached.
 */
import type { Services } from '../../services.ts'

export const leadsToReports = ({
  archive,
  organisation: { room },
}: Pick<Services, 'archive' | 'organisation'>): boolean =>
  room !== undefined || !archive.locate('reports').startsWith('s3:')
