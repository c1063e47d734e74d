/** What a form computes by itself: figures, rules and checks. Fetched when it is needed, by touched.js. */
import './calc.js';
import './rules.js';
import './checks.js';
