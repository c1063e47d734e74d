/** The facts of the page, for modules that need no canvas. */
import { embedded } from '../dom.js';

export const model = embedded('dz-model');
