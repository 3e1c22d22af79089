/**
 * Replaces the SDK's provider chain in bundles: a function's credentials are in the environment, and the chain would be
 * a tenth of its code.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env'

export const defaultProvider = () => fromEnv()
