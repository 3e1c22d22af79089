import { signInPaths } from '../../../domain/access/sign-in.ts'
import type { SignInLinks } from './pages.ts'

export const stageSignInLinks: SignInLinks = {
  signIn: (page) => `${signInPaths.in}?${new URLSearchParams({ to: page })}`,
  signOut: signInPaths.out,
}
