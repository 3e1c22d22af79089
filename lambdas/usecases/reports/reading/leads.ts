/** Whether a page can link to other reports. The address of a file in a bucket leads to no other file. */
import type { Services } from '../../services.ts'

export const leadsToReports = ({
  archive,
  organisation: { room },
}: Pick<Services, 'archive' | 'organisation'>): boolean =>
  room !== undefined || !archive.locate('reports').startsWith('s3:')
