// Mirrors what is exact in runtime/kinds/functions/trigonometry.py; sines and their kin are the server's alone.
import { divide, multiply, whole } from "./decimal.js";
import { PI } from "./powers.js";

const HALF_TURN = whole(180);

export const FUNCTIONS = {
  RADIANS: angle => divide(multiply(angle, PI), HALF_TURN),
  DEGREES: angle => divide(multiply(angle, HALF_TURN), PI),
};
