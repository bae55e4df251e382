// All that reader pages do with script. The build of static files puts the modules themselves here.
import "./ask.js";
import "./count.js";
import "./live.js";
