/** Who does what a command asks for. */
import type { Who } from '../../lambdas/store/table/history.ts'

type Whose = { readonly by?: string | undefined; readonly reason?: string | undefined }

/** A person who does not give a name is this machine's user. */
export const whoDoes = async ({ by, reason }: Whose): Promise<Who> => ({
  by: by ?? (await import('./ingest-files.ts')).operator.name,
  ...(reason !== undefined && { reason }),
})
