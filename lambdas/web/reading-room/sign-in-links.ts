/** Where people sign in and out on a stage. */
import { signInPaths } from '../../domain/access/sign-in.ts'
import type { Door } from './pages.ts'

export const doorOfStage: Door = {
  inTo: (page) => `${signInPaths.in}?${new URLSearchParams({ to: page })}`,
  out: signInPaths.out,
}
